"""A store on an emulator, one on AWS, and a vault that notes what it is asked."""

from infra.settings import EcrStore, S3Store

LOCAL = S3Store(type="s3", bucket="b", endpoint="http://127.0.0.1:1", credentials="s3/local")
AWS = EcrStore(type="ecr", region="eu-west-1")


class Vault:
    def __init__(self):
        self.asked = []

    def read_secret(self, path):
        self.asked.append(path)
        return {"access_key": "AKIA", "secret_key": "hunter2"}

    def keep_alive(self):
        self.asked.append("keep_alive")
