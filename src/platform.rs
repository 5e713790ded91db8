//! A platform: repositories, profile and fixtures in; applications with their values out.
