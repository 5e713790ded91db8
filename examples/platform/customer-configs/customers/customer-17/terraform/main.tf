# Being moved to the new account; excluded from set 15 until then.
module "pictures" {
  source = "../../../shared/terraform-modules/bucket"
  name   = "${var.customer}-pictures"
  region = var.region
}
