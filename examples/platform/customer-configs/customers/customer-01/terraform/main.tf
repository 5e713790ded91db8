# Object storage for Northwind's product pictures, and the bucket that backups go to.
terraform {
  required_version = ">= 1.9"
}

module "pictures" {
  source   = "../../../shared/terraform-modules/bucket"
  name     = "${var.customer}-pictures"
  region   = var.region
  versions = true
}

module "backups" {
  source         = "../../../shared/terraform-modules/bucket"
  name           = "${var.customer}-backups"
  region         = var.region
  retention_days = 35
}
