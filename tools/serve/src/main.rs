//! `serve FOLDER [PORT]`: serves the files of a folder to this machine alone, with the headers that a
//! real server should send with the page. Without a PORT, 8080 or the next free one.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// First port to try, and how many after it.
const PORTS: (u16, u16) = (8080, 20);

const HEADERS: &str = "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'\r\n\
    X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, port) = match arguments.as_slice() {
        [folder] => (folder, None),
        [folder, port] => match port.parse::<u16>() {
            Ok(port) => (folder, Some(port)),
            Err(_) => return fail(&format!("not a port: {port}")),
        },
        _ => return fail("usage: serve FOLDER [PORT]"),
    };
    let Ok(folder) = fs::canonicalize(folder) else { return fail(&format!("no such folder: {folder}")) };
    let listener = match listen(port) {
        Ok(listener) => listener,
        Err(error) => return fail(&format!("can't listen: {error}")),
    };
    match listener.local_addr() {
        Ok(address) => println!("Strata is at http://localhost:{}/ (Ctrl+C ends it)", address.port()),
        Err(error) => return fail(&error.to_string()),
    }
    let folder = Arc::new(folder);
    for stream in listener.incoming().flatten() {
        let folder = Arc::clone(&folder);
        std::thread::spawn(move || {
            // A browser that hangs up early is no fault of the server.
            let _ = answer(&stream, &folder);
        });
    }
    ExitCode::SUCCESS
}

fn fail(message: &str) -> ExitCode {
    eprintln!("serve: {message}");
    ExitCode::from(2)
}

fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = port {
        return bind(port);
    }
    let (first, more) = PORTS;
    (first..first + more).map(bind).find(Result::is_ok).unwrap_or_else(|| bind(0))
}

/// Answers the requests of one connection, one after the other.
fn answer(mut stream: &TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let Some(request) = lines.next().transpose()? else { return Ok(()) };
        let mut keep = true;
        for line in lines.by_ref() {
            let line = line?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            keep &= line != "connection: close";
        }
        let mut words = request.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (status, kind, body) = match (method, file(folder, target)) {
            ("GET" | "HEAD", Some(path)) => match fs::read(&path) {
                Ok(body) => ("200 OK", kind(&path), body),
                Err(_) => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
            },
            ("GET" | "HEAD", None) => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
            _ => ("405 Method Not Allowed", "text/plain", b"only GET\n".to_vec()),
        };
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\n{HEADERS}\r\n"
        )?;
        if method != "HEAD" {
            stream.write_all(&body)?;
        }
        if !keep {
            return Ok(());
        }
    }
}

/// The file that a request names; nothing outside the folder.
fn file(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| folder.join(path))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::file;
    use std::path::Path;

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = Path::new("/page");
        assert_eq!(file(folder, "/"), Some(folder.join("index.html")));
        assert_eq!(file(folder, "/a.js?x=../y"), Some(folder.join("a.js")));
        assert_eq!(file(folder, "/../etc/passwd"), None);
        assert_eq!(file(folder, "/a/../../b"), None);
    }
}
