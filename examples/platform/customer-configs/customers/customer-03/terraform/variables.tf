variable "customer" {
  description = "Short name, used in the names of all resources."
  type        = string
  default     = "customer-03"
}

variable "region" {
  description = "Region of the customer's data; fixed by contract."
  type        = string
  default     = "us-east"
}
