"""Several processes that train one adapter: torchrun's, or Ray Train's. What is trained is small, so gradients are summed in one piece; the model is whole in each."""

import os

import torch
import torch.distributed as dist


class Processes:
    def __init__(self):
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.local = int(os.environ.get("LOCAL_RANK", "0"))
        if self.count > 1 and not dist.is_initialized():
            dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")

    @property
    def device(self) -> torch.device:
        return torch.device("cuda", self.local) if torch.cuda.is_available() else torch.device("cpu")

    @property
    def first(self) -> bool:
        return self.rank == 0

    def shared(self, value):
        """The first process's value, in all of them."""
        if self.count == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def same(self, tensors) -> None:
        """Gives every process the first one's numbers."""
        if self.count > 1:
            for tensor in tensors:
                dist.broadcast(tensor.data, src=0)

    def summed(self, tensors) -> None:
        """Adds up, in place, what the processes have."""
        if self.count == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        at = 0
        for tensor in tensors:
            tensor.copy_(flat[at : at + tensor.numel()].view_as(tensor))
            at += tensor.numel()

    def end(self) -> None:
        if dist.is_initialized():
            dist.destroy_process_group()
