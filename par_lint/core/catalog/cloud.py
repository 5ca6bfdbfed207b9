"""Cloud and infrastructure clients: AWS, Google Cloud, Azure, Kubernetes, Docker, and services over HTTP.

Source: the documentation of each library. boto3 clients are thread-safe, its resources and sessions are not; botocore
times out after 60 s. Clients of Google Cloud and Azure are documented as usable from several threads.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Types

_GOOGLE = Timeout(default=60.0)

FAMILY = Family(
    entries=(
        Calls(Kind.NETWORK, Effect.WRITE, "botocore.client.BaseClient.* boto3.resources.base.ServiceResource.* boto3.resources.collection.ResourceCollection.*"),
        Calls(Kind.PURE, Effect.NONE, """
            botocore.client.BaseClient.{get_paginator get_waiter can_paginate close meta exceptions generate_presigned_url}
            boto3.{client resource Session} boto3.session.Session.{client resource} boto3.session.Session
            boto3.resources.base.ServiceResource.{Bucket Table Object Queue Topic Instance}
            google.cloud.storage.Client.bucket google.cloud.storage.Bucket.blob
            azure.storage.blob.BlobServiceClient.{get_blob_client get_container_client from_connection_string}
            azure.storage.blob.ContainerClient.get_blob_client
        """),
        Entry("botocore.config.Config", Kind.PURE, Effect.NONE, Timeout("read_timeout", default=60.0, raises="botocore.exceptions.ReadTimeoutError", off_by=("connect_timeout",))),
        Calls(Kind.NETWORK, Effect.QUERY, "botocore.paginate.Paginator.paginate botocore.waiter.Waiter.wait"),
        Calls(Kind.NETWORK, Effect.QUERY, """
            google.cloud.storage.Client.{get_bucket list_blobs list_buckets lookup_bucket}
            google.cloud.storage.Bucket.{get_blob list_blobs exists reload}
            google.cloud.storage.Blob.{download_as_bytes download_as_string download_as_text exists reload}
            google.cloud.bigquery.Client.{query get_table list_rows list_tables get_dataset query_and_wait}
            google.cloud.bigquery.QueryJob.result google.cloud.secretmanager.SecretManagerServiceClient.{access_secret_version get_secret}
            google.cloud.pubsub_v1.SubscriberClient.pull google.cloud.firestore.DocumentReference.get
            google.cloud.vision.ImageAnnotatorClient.* google.cloud.translate_v2.Client.translate google.cloud.speech.SpeechClient.recognize
        """, _GOOGLE),
        Calls(Kind.NETWORK, Effect.WRITE, """
            google.cloud.storage.Blob.{upload_from_filename upload_from_string upload_from_file download_to_filename download_to_file delete make_public
                update patch compose rewrite}
            google.cloud.storage.Bucket.{delete_blob copy_blob rename_blob create delete} google.cloud.storage.Client.create_bucket
            google.cloud.bigquery.Client.{insert_rows insert_rows_json load_table_from_uri load_table_from_file load_table_from_dataframe create_table
                delete_table}
            google.cloud.pubsub_v1.PublisherClient.{create_topic delete_topic}
            google.cloud.firestore.DocumentReference.{set update delete create}
        """, _GOOGLE),
        Calls(Kind.NETWORK, Effect.QUERY, """
            azure.storage.blob.BlobClient.{download_blob exists get_blob_properties}
            azure.storage.blob.ContainerClient.{list_blobs download_blob exists}
            azure.keyvault.secrets.SecretClient.{get_secret list_properties_of_secrets} azure.keyvault.keys.KeyClient.get_key
            azure.cosmos.ContainerProxy.{read_item query_items read_all_items} azure.data.tables.TableClient.{get_entity query_entities}
            azure.storage.queue.QueueClient.{receive_messages peek_messages}
        """),
        Calls(Kind.NETWORK, Effect.WRITE, """
            azure.storage.blob.BlobClient.{upload_blob delete_blob start_copy_from_url set_blob_metadata}
            azure.storage.blob.ContainerClient.{upload_blob delete_blob create_container delete_container}
            azure.keyvault.secrets.SecretClient.{set_secret begin_delete_secret}
            azure.cosmos.ContainerProxy.{create_item upsert_item replace_item delete_item} azure.data.tables.TableClient.{create_entity upsert_entity delete_entity}
            azure.storage.queue.QueueClient.{send_message delete_message} azure.servicebus.ServiceBusSender.send_messages
        """),
        Calls(Kind.NETWORK, Effect.WRITE, """
            kubernetes.client.CoreV1Api.* kubernetes.client.AppsV1Api.* kubernetes.client.BatchV1Api.* kubernetes.client.CustomObjectsApi.*
            kubernetes.client.RbacAuthorizationV1Api.* kubernetes.client.NetworkingV1Api.*
            docker.models.containers.ContainerCollection.{run get list create prune} docker.models.containers.Container.*
            docker.models.images.ImageCollection.{pull push build get list remove} docker.models.images.Image.{save tag reload}
            docker.models.volumes.VolumeCollection.* docker.models.networks.NetworkCollection.* docker.DockerClient.{ping info version login} docker.APIClient.*
            slack_sdk.WebClient.* slack_sdk.web.client.WebClient.* twilio.rest.Client.* stripe.Customer.{create retrieve list modify delete}
            stripe.Charge.create stripe.PaymentIntent.create stripe.Subscription.create stripe.Invoice.create sendgrid.SendGridAPIClient.send
            github.Github.{get_repo get_user get_organization search_repositories} github.Repository.Repository.* gitlab.Gitlab.*
            jira.JIRA.* telegram.Bot.* discord.Webhook.send tweepy.API.* notion_client.Client.** praw.Reddit.*
            huggingface_hub.{hf_hub_download snapshot_download upload_file upload_folder model_info list_repo_files file_exists} huggingface_hub.HfApi.*
            mlflow.{log_artifact log_artifacts}
        """),
        # Objects that ask nothing until one of their attributes is read.
        Calls(Kind.PURE, Effect.NONE, "praw.Reddit.{submission subreddit redditor comment multireddit domain live inbox user}"),
    ),
    types=(
        Types(Sharing.SAFE, """
            botocore.client.BaseClient google.cloud.storage.Client google.cloud.bigquery.Client google.cloud.storage.Bucket
            azure.storage.blob.BlobServiceClient azure.storage.blob.ContainerClient azure.storage.blob.BlobClient azure.keyvault.secrets.SecretClient
            azure.cosmos.ContainerProxy docker.DockerClient kubernetes.client.CoreV1Api slack_sdk.WebClient
        """),
        Types(Sharing.UNSURE, """
            boto3.session.Session boto3.resources.base.ServiceResource google.cloud.storage.Blob docker.models.containers.ContainerCollection
            docker.models.images.ImageCollection github.Github gitlab.Gitlab jira.JIRA huggingface_hub.HfApi
        """),
    ),
    returns={
        "boto3.client": "botocore.client.BaseClient", "boto3.session.Session.client": "botocore.client.BaseClient",
        "boto3.resource": "boto3.resources.base.ServiceResource", "boto3.session.Session.resource": "boto3.resources.base.ServiceResource",
        **{f"boto3.resources.base.ServiceResource.{part}": "boto3.resources.base.ServiceResource" for part in ("Bucket", "Table", "Object", "Queue", "Topic", "Instance")},
        "botocore.client.BaseClient.get_paginator": "botocore.paginate.Paginator",
        "botocore.client.BaseClient.get_waiter": "botocore.waiter.Waiter",
        "google.cloud.storage.Client.bucket": "google.cloud.storage.Bucket", "google.cloud.storage.Client.get_bucket": "google.cloud.storage.Bucket",
        "google.cloud.storage.Bucket.blob": "google.cloud.storage.Blob", "google.cloud.storage.Bucket.get_blob": "google.cloud.storage.Blob",
        "google.cloud.storage.Bucket.list_blobs": "iter[google.cloud.storage.Blob]", "google.cloud.storage.Client.list_blobs": "iter[google.cloud.storage.Blob]",
        "google.cloud.bigquery.Client.query": "google.cloud.bigquery.QueryJob",
        "azure.storage.blob.BlobServiceClient.get_blob_client": "azure.storage.blob.BlobClient",
        "azure.storage.blob.BlobServiceClient.from_connection_string": "azure.storage.blob.BlobServiceClient",
        "azure.storage.blob.BlobServiceClient.get_container_client": "azure.storage.blob.ContainerClient",
        "azure.storage.blob.ContainerClient.get_blob_client": "azure.storage.blob.BlobClient",
        "docker.from_env": "docker.DockerClient",
        "docker.DockerClient.containers": "docker.models.containers.ContainerCollection",
        "docker.DockerClient.images": "docker.models.images.ImageCollection",
        "docker.DockerClient.volumes": "docker.models.volumes.VolumeCollection",
        "docker.models.containers.ContainerCollection.list": "iter[docker.models.containers.Container]",
        "docker.models.containers.ContainerCollection.get": "docker.models.containers.Container",
        "github.Github.get_repo": "github.Repository.Repository",
    },
    aliases={"boto3.Session": "boto3.session.Session", "botocore.client.Config": "botocore.config.Config", "docker.client.DockerClient": "docker.DockerClient", "docker.client.from_env": "docker.from_env"},
    caught_by={"botocore.exceptions.ReadTimeoutError": "HTTPClientError BotoCoreError"},
)  # fmt: skip
