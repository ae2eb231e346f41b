# An application: it knows nothing of accounts, roles, profiles or epicac.
#
# It says its version, and then, for each line on stdin, it calls AWS with the clients it has had from the
# start, and prints what came of it as one line of JSON.

require 'aws-sdk-core'
require 'aws-sdk-s3'
require 'json'

# Aws.config reads no AWS_ENDPOINT_URL in this version of the SDK: the test says it by the code.
Aws.config.update(endpoint: ENV.fetch('AWS_ENDPOINT_URL'))

$stdout.sync = true
version = "aws-sdk-s3 #{Aws::S3::GEM_VERSION} (Debian), Ruby #{RUBY_VERSION}"
puts JSON.generate(version: version)
clients = nil

$stdin.each_line do
  seen =
    begin
      # The SDK asks for credentials as soon as a client is made.
      clients ||= [Aws::STS::Client.new, Aws::S3::Client.new(force_path_style: true)]
      identity, storage = clients
      buckets = storage.list_buckets.buckets.map(&:name)
      { arn: identity.get_caller_identity.arn, buckets: buckets }
    rescue StandardError => e
      { error: "#{e.class}: #{e.message}" }
    end
  puts JSON.generate(seen)
end
