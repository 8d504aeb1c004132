"""The calls of boto3's ECR client that are made here, and no more."""

from typing import Any, Protocol

# ruff: noqa: N803 - boto3 names its parameters so


class Ecr(Protocol):
    def batch_get_image(
        self,
        *,
        repositoryName: str,
        imageIds: list[dict[str, str]],
        acceptedMediaTypes: list[str],
    ) -> Any: ...

    def describe_repositories(self, *, repositoryNames: list[str]) -> Any: ...

    def batch_check_layer_availability(
        self, *, repositoryName: str, layerDigests: list[str]
    ) -> Any: ...

    def get_download_url_for_layer(self, *, repositoryName: str, layerDigest: str) -> Any: ...

    def initiate_layer_upload(self, *, repositoryName: str) -> Any: ...

    def upload_layer_part(
        self,
        *,
        repositoryName: str,
        uploadId: str,
        partFirstByte: int,
        partLastByte: int,
        layerPartBlob: bytes,
    ) -> Any: ...

    def complete_layer_upload(
        self, *, repositoryName: str, uploadId: str, layerDigests: list[str]
    ) -> Any: ...

    def put_image(
        self, *, repositoryName: str, imageManifest: str, imageTag: str, imageDigest: str
    ) -> Any: ...
