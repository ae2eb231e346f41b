# The role that pods get from EKS Pod Identity, in the account of the cluster. All it can do is to become the
# destination roles.

data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = jsonencode(local.trust_policy)
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "assume_destination_roles" {
  name   = "assume-destination-roles"
  role   = aws_iam_role.this.name
  policy = jsonencode(local.permissions)
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = var.service_accounts

  cluster_name         = var.cluster_name
  namespace            = var.namespace
  service_account      = each.value
  role_arn             = aws_iam_role.this.arn
  disable_session_tags = var.disable_session_tags
  tags                 = var.tags
}
