// An application: it knows nothing of accounts, roles, profiles or epicac.
//
// It says its version, and then, for each line on stdin, it calls AWS with the clients it has had from the
// start, and prints what came of it as one line of JSON.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-provider-ini";

const { version } = createRequire(import.meta.url)("@aws-sdk/client-s3/package.json");
const identity = new STSClient();
const storage = new S3Client({ forcePathStyle: true });

async function call() {
  const who = await identity.send(new GetCallerIdentityCommand());
  const list = await storage.send(new ListBucketsCommand());
  return { arn: who.Arn, buckets: list.Buckets.map((bucket) => bucket.Name) };
}

// The default chain tries its other links, and forgets why this one failed.
async function failure(error) {
  const alone = await fromIni()().catch(String);
  return { error: String(error), "fromIni()": alone };
}

console.log(JSON.stringify({ version: `@aws-sdk/client-s3 ${version}, Node ${process.versions.node}` }));
for await (const _ of createInterface({ input: process.stdin })) {
  const seen = await call().catch(failure);
  console.log(JSON.stringify(seen));
}
