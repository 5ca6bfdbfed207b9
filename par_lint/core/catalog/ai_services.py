"""Language-model and machine-learning services: OpenAI, Anthropic and others. Timeouts in seconds.

Source: the documentation of each library. The clients of openai and anthropic time out after 600 s and are thread-safe.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Family, Kind, Sharing, Timeout, Types

_SDK = Timeout(default=600.0)
_OPENAI = {
    "chat": "openai.resources.chat.Chat", "completions": "openai.resources.Completions", "embeddings": "openai.resources.Embeddings",
    "images": "openai.resources.Images", "audio": "openai.resources.audio.Audio", "files": "openai.resources.Files",
    "moderations": "openai.resources.Moderations", "models": "openai.resources.Models", "responses": "openai.resources.Responses",
    "batches": "openai.resources.Batches",
}  # fmt: skip
_CLIENTS = ("OpenAI", "AzureOpenAI", "AsyncOpenAI", "AsyncAzureOpenAI")

FAMILY = Family(
    entries=(
        Calls(Kind.PURE, Effect.NONE, "openai.{OpenAI AzureOpenAI AsyncOpenAI AsyncAzureOpenAI}", Timeout(default=600.0, raises="openai.APITimeoutError")),
        Calls(Kind.PURE, Effect.NONE, "anthropic.{Anthropic AsyncAnthropic}", Timeout(default=600.0, raises="anthropic.APITimeoutError")),
        Calls(Kind.NETWORK, Effect.QUERY, """
            openai.resources.Completions.create openai.resources.Embeddings.create
            openai.resources.Moderations.create openai.resources.Responses.create openai.resources.Images.{generate edit create_variation}
            openai.resources.chat.Completions.{create parse} openai.resources.audio.Transcriptions.create openai.resources.audio.Speech.create
            openai.resources.Files.{retrieve list content} openai.resources.Models.{list retrieve} openai.resources.Batches.{retrieve list}
            openai.ChatCompletion.create openai.Completion.create openai.Embedding.create openai.Image.create openai.Moderation.create
            anthropic.resources.Messages.{create stream count_tokens} anthropic.resources.Completions.create anthropic.resources.Models.list
            anthropic.resources.Batches.{retrieve results list}
        """, _SDK),
        Calls(Kind.NETWORK, Effect.WRITE, """
            openai.resources.Files.{create delete} openai.resources.Batches.{create cancel} anthropic.resources.Batches.{create cancel}
        """, _SDK),
        Calls(Kind.NETWORK, Effect.QUERY, """
            cohere.Client.{chat embed generate rerank} dashscope.{Generation.call MultiModalConversation.call TextEmbedding.call ImageSynthesis.call}
            mistralai.Mistral.* groq.resources.Completions.create together.Together.*
            google.generativeai.GenerativeModel.{generate_content count_tokens} google.generativeai.embed_content google.genai.models.Models.{generate_content embed_content}
            litellm.{completion embedding} ollama.{chat generate embeddings} ollama.Client.{chat generate embeddings}
            replicate.run voyageai.Client.embed huggingface_hub.InferenceClient.* pinecone.Index.{query fetch} weaviate.Client.*
        """),
        Calls(Kind.NETWORK, Effect.WRITE, "pinecone.Index.{upsert delete update}"),
        Calls(Kind.METADATA, Effect.WRITE, """
            wandb.{log save log_artifact define_metric} wandb.Run.{log save log_artifact log_code log_model define_metric} comet_ml.Experiment.* comet_ml.OfflineExperiment.*
            comet_ml.CometExperiment.* torch.utils.tensorboard.SummaryWriter.* tensorboardX.SummaryWriter.* aim.Run.track swanlab.log trackio.log
            swanlab.Run.log neptune.Run.{assign append upload} clearml.Task.upload_artifact clearml.Logger.* dvclive.Live.{log_metric log_param}
        """),  # an experiment's one run, which queues in memory, in the order of its steps
    ),
    types=(Types(Sharing.SAFE, """
        openai.resources.Completions openai.resources.Embeddings openai.resources.chat.Completions openai.resources.Responses openai.resources.Images
        openai.OpenAI openai.AzureOpenAI anthropic.Anthropic anthropic.resources.Messages
    """), Types(Sharing.STATEFUL, """
        wandb.Run comet_ml.Experiment comet_ml.OfflineExperiment comet_ml.CometExperiment torch.utils.tensorboard.SummaryWriter tensorboardX.SummaryWriter aim.Run
        swanlab.Run neptune.Run clearml.Logger dvclive.Live
    """)),
    returns={
        **{f"openai.{client}.{part}": kind for client in _CLIENTS for part, kind in _OPENAI.items()},
        "openai.resources.chat.Chat.completions": "openai.resources.chat.Completions",
        "openai.resources.audio.Audio.transcriptions": "openai.resources.audio.Transcriptions",
        "openai.resources.audio.Audio.speech": "openai.resources.audio.Speech",
        **{f"anthropic.{client}.{part}": f"anthropic.resources.{part.title()}"
           for client in ("Anthropic", "AsyncAnthropic", "AnthropicBedrock", "AnthropicVertex") for part in ("messages", "completions", "models")},
        "anthropic.resources.Messages.batches": "anthropic.resources.Batches",
        "google.genai.Client.models": "google.genai.models.Models",
        "wandb.init": "wandb.Run", "wandb.run": "wandb.Run", "comet_ml.start": "comet_ml.CometExperiment", "neptune.init_run": "neptune.Run", "swanlab.init": "swanlab.Run",
        "clearml.Task.get_logger": "clearml.Logger",
        "groq.Groq.chat": "groq.resources.Chat", "groq.resources.Chat.completions": "groq.resources.Completions",
    },
    aliases={
        "anthropic.Client": "anthropic.Anthropic", "wandb.sdk.wandb_run.Run": "wandb.Run", "wandb.wandb_run.Run": "wandb.Run",
        "tensorboardX.writer.SummaryWriter": "tensorboardX.SummaryWriter", "torch.utils.tensorboard.writer.SummaryWriter": "torch.utils.tensorboard.SummaryWriter",
    },
)  # fmt: skip
