module "pictures" {
  source = "../../../shared/terraform-modules/bucket"
  name   = "${var.customer}-pictures"
  region = var.region
}
