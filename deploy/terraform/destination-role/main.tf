# The role in the other account. Give this module a provider of that account.

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = jsonencode(local.trust_policy)
  # More would not help: whoever comes by another role gets one hour, AWS does not chain for longer.
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}
