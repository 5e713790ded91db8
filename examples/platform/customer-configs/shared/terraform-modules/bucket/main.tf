variable "name" {
  type = string
}

variable "region" {
  type = string
}

variable "versions" {
  type    = bool
  default = false
}

variable "retention_days" {
  type    = number
  default = 0
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_versioning" "this" {
  count  = var.versions ? 1 : 0
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}
