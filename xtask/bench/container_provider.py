"""A credential process by botocore's own container provider, for `cargo xtask bench`."""

import json

from botocore.credentials import ContainerProvider

credentials = ContainerProvider().load().get_frozen_credentials()
print(
    json.dumps(
        {
            "Version": 1,
            "AccessKeyId": credentials.access_key,
            "SecretAccessKey": credentials.secret_key,
            "SessionToken": credentials.token,
        }
    )
)
