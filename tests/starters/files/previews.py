"""An environment template as a file of a catalog, and the CloudFormation template it names."""

PREVIEW = """\
apiVersion: lockgate.dev/v1alpha1
kind: EnvironmentTemplate
metadata: {name: preview}
spec:
  owner: team-shop
  template: {file: templates/preview.yaml}
  provider: {type: cloudformation, connection: preview}
  parameters:
    Size: {allowed: [small, large], default: small}
  lease: {ttl: 3d, longest: 14d, warnBefore: [1h, 24h]}
  prices:
    resources:
    - {type: "AWS::S3::Bucket", perHour: 0.01}
    - {type: "AWS::SQS::Queue", by: Size, perHourBy: {small: 0.02, large: 0.2}}
"""
STACK = """\
Parameters:
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
Resources:
  Uploads: {Type: "AWS::S3::Bucket"}
  Orders: {Type: "AWS::SQS::Queue"}
"""
