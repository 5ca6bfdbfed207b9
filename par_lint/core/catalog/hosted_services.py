"""Clients of hosted services: clouds, files, music, mail, translation, chat, tickets, vectors.

Source: the documentation of each library. Few of them say whether one object may be used by several threads.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Types

FAMILY = Family(
    entries=(
        Calls(Kind.NETWORK, Effect.WRITE, """
            openstack.connection.Connection.** novaclient.client.Client.** keystoneclient.v3.client.Client.** glanceclient.Client.**
            cinderclient.client.Client.** neutronclient.v2_0.client.Client.** heatclient.client.Client.** swiftclient.client.Connection.*
            swiftclient.{put_object delete_object post_object put_container delete_container}
            podman.PodmanClient.** docker.DockerClient.** kubernetes.dynamic.DynamicClient.** pyVim.connect.SmartConnect
            minio.Minio.* dropbox.Dropbox.* boxsdk.Client.** box_sdk_gen.BoxClient.** huggingface_hub.HfFileSystem.* s3fs.S3FileSystem.*
            gcsfs.GCSFileSystem.* adlfs.AzureBlobFileSystem.* pydrive2.files.GoogleDriveFile.* gspread.Worksheet.* gspread.Client.*
            spotipy.Spotify.* ytmusicapi.YTMusic.* pylast.LastFMNetwork.* musicbrainzngs.submit_tags discogs_client.Client.** plexapi.server.PlexServer.**
            opensearchpy.OpenSearch.** elasticsearch.Elasticsearch.** qdrant_client.QdrantClient.* pymilvus.MilvusClient.* weaviate.WeaviateClient.**
            atlassian.Jira.* atlassian.Confluence.* atlassian.Bitbucket.* jenkins.Jenkins.* redminelib.Redmine.** zenpy.Zenpy.** simple_salesforce.Salesforce.**
            hubspot.HubSpot.** shopify.ShopifyResource.* pyairtable.Table.* todoist_api_python.api.TodoistAPI.* trello.TrelloClient.*
            webexteamssdk.WebexTeamsAPI.** mattermostdriver.Driver.** zulip.Client.* linkedin_api.Linkedin.* facebook.GraphAPI.* instaloader.Instaloader.*
            mastodon.Mastodon.* atproto.Client.** matrix_client.client.MatrixClient.* exchangelib.Account.** O365.Account.** zeep.Client.service.*
            suds.client.Client.service.* jsonrpclib.Server.** kazoo.client.KazooClient.* etcd3.Etcd3Client.*
            datadog.api.** datadog_api_client.ApiClient.* newrelic_telemetry_sdk.MetricClient.* pdpyras.APISession.* opsgenie_sdk.AlertApi.*
            prometheus_client.push_to_gateway mailchimp_marketing.Client.** postmarker.core.PostmarkClient.** mailjet_rest.Client.**
            plaid.api.plaid_api.PlaidApi.* alpaca_trade_api.REST.* ccxt.Exchange.* binance.client.Client.* web3.eth.Eth.*
            digitalocean.Manager.* linode_api4.LinodeClient.** hcloud.Client.** libcloud.compute.base.NodeDriver.* oci.object_storage.ObjectStorageClient.*
            CloudFlare.CloudFlare.** cloudflare.Cloudflare.** netmiko.BaseConnection.* napalm.base.NetworkDriver.* pysnmp.hlapi.getCmd
            yt_dlp.YoutubeDL.{download extract_info} youtube_dl.YoutubeDL.{download extract_info} pytube.YouTube.* gtts.gTTS.{save write_to_fp}
            speech_recognition.Recognizer.{recognize_google recognize_azure} b2sdk.v2.Bucket.* internetarchive.{upload delete modify_metadata}
        """),
        Calls(Kind.PURE, Effect.NONE, """
            playwright.async_api.Page.{on once remove_listener set_default_timeout set_default_navigation_timeout is_closed frame frame_locator get_by_label
                get_by_test_id get_by_placeholder}
        """),  # asks nothing of the browser
        Entry("grpc.Stub.*", Kind.NETWORK, Effect.WRITE, Timeout(position=1, raises="grpc.RpcError")),  # classes of `_pb2_grpc` modules
        Entry("grpc.Future.result", Kind.NETWORK, Effect.QUERY, Timeout(position=0, raises="grpc.FutureTimeoutError")),
        Calls(Kind.NETWORK, Effect.QUERY, """
            osc_lib.utils.find_resource swiftclient.{get_object head_object get_container} pynetbox.core.endpoint.Endpoint.{get filter all}
            musicbrainzngs.{get_release_by_id get_recording_by_id get_artist_by_id search_releases search_recordings search_artists get_image_list}
            steamspypi.download wikipedia.{page summary search} arxiv.Client.results pypistats.{overall recent system python_major python_minor}
            newspaper.Article.download mechanize.Browser.{open open_novisit} geopy.geocoders.Nominatim.* geopy.geocoders.GoogleV3.* geopy.geocoders.ArcGIS.*
            googletrans.Translator.{translate detect} deepl.Translator.{translate_text translate_document} deepl.DeepLClient.translate_text
            deep_translator.GoogleTranslator.translate yfinance.{download Ticker.history} pandas_datareader.data.DataReader alpha_vantage.timeseries.TimeSeries.*
            internetarchive.{get_item download search_items} habanero.Crossref.works scholarly.scholarly.{search_pubs fill} Bio.Entrez.{efetch esearch esummary}
            rdflib.plugins.stores.sparqlstore.SPARQLStore.query SPARQLWrapper.SPARQLWrapper.query gitlab.v4.objects.Project.* w3lib.url.urlopen
        """),
        Calls(Kind.SUBPROCESS, Effect.WRITE, """
            pytesseract.{image_to_string image_to_data image_to_boxes image_to_osd} ffmpeg.{run probe} pydub.AudioSegment.{from_file from_mp3 from_ogg from_flv export}
            sox.Transformer.{build build_file build_array preview stat stats} sox.transform.Transformer.{build build_file build_array preview stat stats}
            sox.Combiner.{build preview} sox.combine.Combiner.{build preview}
            pdf2image.{convert_from_path convert_from_bytes} pypandoc.{convert_file convert_text} ansible_runner.run imgkit.from_url pdfkit.from_url
        """),
        Calls(Kind.FILE, Effect.READ, """
            pyarrow.parquet.{read_metadata read_pandas} pyarrow.json.read_json pyarrow.feather.{read_table read_feather} pyarrow.orc.read_table
            safetensors.{safe_open} safetensors.torch.load_model safetensors.numpy.load_file safetensors.flax.load_file zarr.open netCDF4.MFDataset
            fiona.open shapefile.Reader Bio.{SeqIO.read AlignIO.read Phylo.read} Bio.PDB.{PDBParser.get_structure MMCIFParser.get_structure}
            dendropy.Tree.get_from_path dendropy.TreeList.get_from_path dendropy.DataSet.get_from_path dendropy.DnaCharacterMatrix.get_from_path
            dendropy.ProteinCharacterMatrix.get_from_path mdtraj.load rdkit.Chem.{MolFromMolFile MolFromPDBFile MolFromMol2File}
            laspy.read ezdxf.readfile mido.MidiFile pretty_midi.PrettyMIDI pysrt.open ics.Calendar
        """),
        Calls(Kind.FILE, Effect.WRITE, """
            pyarrow.feather.write_feather pyarrow.orc.write_table safetensors.numpy.save_file safetensors.flax.save_file fpdf.FPDF.output
            reportlab.pdfgen.canvas.Canvas.save xlsxwriter.Workbook.close docx.document.Document.save pptx.presentation.Presentation.save
        """),
    ),
    types=(Types(Sharing.UNSURE, """
        openstack.connection.Connection minio.Minio dropbox.Dropbox spotipy.Spotify ytmusicapi.YTMusic qdrant_client.QdrantClient atlassian.Jira
        jenkins.Jenkins gspread.Client gspread.Worksheet yt_dlp.YoutubeDL mechanize.Browser
    """),),
    caught_by={"grpc.RpcError": "AioRpcError"},
    returns={"grpc.channel_ready_future": "grpc.Future", "smart_open.open": "io.File", "fsspec.open": "io.File", "openstack.connect": "openstack.connection.Connection",
             "swiftclient.Connection": "swiftclient.client.Connection", "docx.Document": "docx.document.Document",
             "novaclient.client.Client": "novaclient.client.Client", "gspread.authorize": "gspread.Client", "gspread.service_account": "gspread.Client"},
)  # fmt: skip
