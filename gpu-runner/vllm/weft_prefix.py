"""Trained prefixes in vLLM's cache: a KV connector that brings a prefix's keys and values where other connectors bring computed ones.

    --kv-transfer-config '{"kv_connector": "WeftPrefix", "kv_connector_module_path": "weft_prefix", "kv_role": "kv_consumer"}'

A request that has a prefix says `kv_transfer_params: {"weft_prefix": {"key": "sha256:…", "columns": P}}`. Its prompt begins with P tokens that stand
for nothing: their keys and values are the prefix's, `[L,2,K,P,D]` in `prefix.safetensors` of the composition's folder (see weft_vllm.py). They are
written as vLLM's own are, by the attention backend of each layer, so that no layout of a cache is known here.
"""

import functools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file
from vllm.distributed import get_tensor_model_parallel_rank, get_tensor_model_parallel_world_size
from vllm.distributed.kv_transfer.kv_connector.v1.base import KVConnectorBase_V1, KVConnectorMetadata
from vllm.logger import init_logger
from vllm.model_executor.models.utils import extract_layer_index

logger = init_logger(__name__)

KEY = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass
class Load:
    """Columns `[start, columns)` of a prefix, into the first positions of a request."""

    key: str
    start: int
    columns: int
    block_ids: list[int]


@dataclass
class Loads(KVConnectorMetadata):
    loads: list[Load] = field(default_factory=list)


class WeftPrefix(KVConnectorBase_V1):
    def __init__(self, vllm_config, role, kv_cache_config):
        super().__init__(vllm_config=vllm_config, role=role, kv_cache_config=kv_cache_config)
        self.block_size = vllm_config.cache_config.block_size
        self.waiting = {}
        self.failed = set()

    # In the scheduler.

    def get_num_new_matched_tokens(self, request, num_computed_tokens):
        _, columns = prefix_of(request)
        return max(0, columns - num_computed_tokens), False

    def update_state_after_alloc(self, request, blocks, num_external_tokens):
        if num_external_tokens > 0:
            key, columns = prefix_of(request)
            self.waiting[request.request_id] = (key, columns - num_external_tokens, columns)

    def build_connector_meta(self, scheduler_output):
        meta = Loads()

        def load(request_id, block_ids):
            if request_id in self.waiting:
                meta.loads.append(Load(*self.waiting.pop(request_id), list(block_ids[0])))

        for new in scheduler_output.scheduled_new_reqs:
            load(new.req_id, new.block_ids)
        cached = scheduler_output.scheduled_cached_reqs
        for at, request_id in enumerate(cached.req_ids):
            # A request that was put off gets other blocks, all of them, and its prefix anew.
            if request_id in cached.resumed_req_ids:
                load(request_id, cached.new_block_ids[at])
        return meta

    # In the workers.

    def start_load_kv(self, forward_context, **kwargs):
        loads = self._get_connector_metadata().loads
        layers = [(name, layer) for name, layer in forward_context.no_compile_layers.items() if getattr(layer, "kv_cache", None) is not None]
        for load in loads:
            try:
                prefix = prefix_tensor(load.key)
                if prefix.shape[3] != load.columns:
                    raise ValueError(f"it has {prefix.shape[3]} columns, and the request says {load.columns}")
                for name, layer in layers:
                    self.write(prefix[extract_layer_index(name)], layer, load)
            except Exception as wrong:
                # vLLM ends the request with an error: no answer is given without the prefix.
                logger.error("The prefix %s was not loaded: %r", load.key, wrong)
                self.failed.update(load.block_ids)

    def write(self, prefix, layer, load):
        """One layer's keys and values `[2,K,P,D]`: of the heads that this worker has."""
        heads = layer.impl.num_kv_heads
        rank, workers = get_tensor_model_parallel_rank(), get_tensor_model_parallel_world_size()
        first = rank * prefix.shape[1] // workers
        cache = layer.kv_cache
        columns = torch.arange(load.start, load.columns, device=cache.device)
        blocks = torch.tensor(load.block_ids, device=cache.device)
        slots = blocks[columns // self.block_size] * self.block_size + columns % self.block_size
        own = prefix[:, first : first + heads, load.start : load.columns].to(cache.device, cache.dtype)
        key, value = own.transpose(1, 2).contiguous()
        layer.impl.do_kv_cache_update(layer, key, value, cache, slots)

    def get_block_ids_with_load_errors(self):
        failed, self.failed = self.failed, set()
        return failed

    def wait_for_layer_load(self, layer_name):
        pass

    def save_kv_layer(self, layer_name, kv_layer, attn_metadata, **kwargs):
        pass

    def wait_for_save(self):
        pass


def prefix_of(request):
    """The key, and how many columns; none for a request without a prefix."""
    asked = (request.kv_transfer_params or {}).get("weft_prefix")
    return (asked["key"], int(asked["columns"])) if asked else (None, 0)


@functools.lru_cache(maxsize=64)
def prefix_tensor(key):
    digest = KEY.fullmatch(key)
    if not digest:
        raise ValueError("it is no composition's key")
    return load_file(Path(os.environ["WEFT_VLLM_ADAPTERS"]) / digest[1] / "prefix.safetensors")["prefix"]
