"""One job, from the edge's word to PEFT's files."""

import math
import tempfile
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM
from transformers.optimization import Adafactor

from .batches import Plan, evaluation_batches, learning_rate
from .edge import Edge
from .errors import Refused, Stopped
from .head_rate import is_head, of_base
from .loss import Losses
from .measure import check, mean_loss, measured
from .model import adapt, load_base, set_start, trainable
from .processes import Processes
from .rows import read_rows, repeated
from .told import Told


def run(edge: Edge, processes: Processes) -> None:
    """Raises `Refused` and `Stopped`."""
    work = processes.shared(edge.work() if processes.first else None)
    rows = processes.shared({"training": edge.rows("training"), "validation": edge.rows("validation") if work["held_out"] else ""} if processes.first else None)
    told = Told(edge, processes)
    h, seed, device = work["hyperparameters"], work["seed"], processes.device

    base, tokenizer = load_base(work, device)
    checked = checked_base(base, tokenizer, work, device) if processes.first else None
    model = adapt(base, work, seed)
    predicts_first = not work["task"].startswith("SEQ_") and model.active_peft_config.is_prompt_learning and work["peft_config"]["peft_type"] != "PREFIX_TUNING"
    labels = work.get("labels") or []
    read = lambda which, aside=False: read_rows(rows[which], which, tokenizer, work["task"], labels, work["max_length"], predicts_first, aside)  # noqa: E731
    # An edge of before does not say whose the held-out rows are.
    training, validation = read("training"), read("validation", aside=not work.get("validation_file", True))
    set_start(model, work, training.rows, tokenizer, seed)
    processes.same(trainable(model))

    plan = Plan(training.rows, h, seed)
    losses = Losses(model, work["task"], device, base.config.pad_token_id)
    batches = evaluation_batches(validation.rows, h["batch_size"])
    told.data(plan, training, validation, work)
    end = train(model, losses, plan, batches, h, processes, told)
    if not processes.first:
        return
    model.eval()
    found = measured(model, losses, work, training.rows, batches, plan)
    if not math.isfinite(found["training_loss"]):
        raise Refused("loss_not_finite", f"The loss on training rows is no number, at a learning rate of {h['learning_rate']:.3g}. Lower learning_rate, or warm up longer.")
    unlearned = training.unlearned + validation.unlearned
    left_out = training.left_out + validation.left_out
    result = {
        **end,
        **found,
        "epochs": end["steps"] / plan.steps_per_epoch,
        "rows": {"training": len(training.rows), "held_out": len(validation.rows), "truncated": training.truncated + validation.truncated},
        # Only where there are some: an edge of before takes no field that it does not know.
        **({"unlearned": unlearned} if unlearned else {}),
        **({"left_out": left_out} if left_out else {}),
        "repeated": repeated(training.rows, validation.rows),
        **({"check": checked} if checked else {}),
    }
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
        told.flush()
        edge.deliver((Path(folder) / "adapter_config.json").read_bytes(), (Path(folder) / "adapter_model.safetensors").read_bytes(), result)


def train(model, losses, plan, batches, h, processes, told) -> dict:
    """The loop: gradients of weighted means, clipped; held-out losses on the way, of which the best step's parameters are kept."""
    parameters = trainable(model)
    optimizer = optimizer_of(model, h)
    every = h.get("eval_every") or max(1, math.ceil(plan.steps_per_epoch / 4))
    best, best_loss, best_step, last_eval, without_gain, stopped = None, math.inf, None, None, 0, False
    tokens, loss, step = 0, 0.0, 0
    began = time.monotonic()
    without_dropout(model)
    while step < plan.total and not stopped:
        told.leave_if_stopped()
        micro = plan.step(step)
        rate = learning_rate(h, plan.total, step)
        loss, norm = one_step(losses, parameters, micro, h, processes)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise Refused("loss_not_finite", f"The loss of step {step + 1} is no number any more, at a learning rate of {rate:.3g}. Lower learning_rate, or warm up longer.")
        for group in optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        optimizer.step()
        step += 1
        tokens += sum(row.length for batch in micro for row in batch)
        told.step(step, plan.total, loss, last_eval, rate, norm, tokens, time.monotonic() - began)
        if batches and (step % every == 0 or step == plan.total):
            last_eval = mean_loss(losses, batches, processes)
            if last_eval < best_loss:
                best, best_loss, best_step, without_gain = [p.detach().clone() for p in parameters], last_eval, step, 0
            else:
                without_gain += 1
            told.evaluation(step, plan.total, last_eval, best_step == step)
            if 0 < h["patience"] <= without_gain and step < plan.total:
                stopped = True
                told.say(f"Stopped early at step {step}: the held-out loss was least at step {best_step}.")
    if best:  # A loss that is no number is never the least.
        with torch.no_grad():
            for parameter, kept in zip(parameters, best, strict=True):
                parameter.copy_(kept)
    return {
        "steps": step,
        "loss": loss,
        "trained_tokens": tokens,
        "best_step": best_step,
        "stopped_early": stopped,
        **({"eval_loss": best_loss, "last_eval_loss": last_eval} if best and math.isfinite(last_eval) else {}),
    }


def without_dropout(model) -> None:
    """The frozen base computes as it does for requests, in every step; so does an adapter of Weft's own trainer. What makes a prompt has no dropout, and an LSTM on a GPU trains in this mode alone."""
    model.train()
    model.get_base_model().eval()


def one_step(losses, parameters, micro, h, processes) -> tuple[float, float]:
    """Gradients of the mean over all micro-batches and processes, left in the parameters, and clipped. Gives the loss, and the norm before."""
    for parameter in parameters:
        parameter.grad = torch.zeros_like(parameter)
    factor = 1 / sum(row.total for batch in micro for row in batch)
    loss = torch.zeros(1, device=processes.device)
    for batch in micro:
        own = batch[processes.rank :: processes.count]
        if own:
            part = losses.sum(own) * factor
            part.backward()
            loss += part.detach()
    processes.summed([loss, *[parameter.grad for parameter in parameters]])
    limit = h["max_grad_norm"] or math.inf
    norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
    return loss.item(), norm.item()


def optimizer_of(model, h):
    """One group of what learns at the job's rate, and one of a head, whose `scale` is by how much less it learns."""
    rate, decay = h["learning_rate"], h["weight_decay"]
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    head = [parameter for name, parameter in named if is_head(name)]
    groups = [{"params": [parameter for name, parameter in named if not is_head(name)], "scale": 1.0}]
    if head:
        groups.append({"params": head, "scale": of_base(model.get_base_model())})
    if h["optimizer"] == "adafactor":
        return Adafactor(groups, lr=rate, weight_decay=decay, scale_parameter=False, relative_step=False, warmup_init=False)
    return torch.optim.AdamW(groups, lr=rate, betas=tuple(h["betas"]), eps=h["eps"], weight_decay=decay)


def checked_base(base, tokenizer, work, device):
    """A classifier's model has no head for tokens: the base is read once more for that."""
    text = work.get("check_text")
    if not text:
        return None
    if work["task"] == "CAUSAL_LM":
        return check(base, tokenizer, text, device)
    return check(AutoModelForCausalLM.from_pretrained(work["model"]["path"], dtype=base.dtype).to(device).eval(), tokenizer, text, device)


def main(edge: Edge) -> int:
    """0 when the result is delivered, or nobody wants one any more; 1 where it failed, and the edge knows why."""
    processes = Processes()
    try:
        if processes.first:
            edge.report(events=[{"level": "info", "type": "message", "message": f"The trainer has begun, on {processes.count} × {processes.device.type}."}])
            edge.beat()
        run(edge, processes)
        return 0
    except Stopped:
        return 0
    except Refused as error:
        return fail(edge, processes, error.code, str(error))
    except torch.cuda.OutOfMemoryError as error:
        return fail(edge, processes, "trainer_out_of_memory", f"The GPU's memory does not hold it: {error} Ask for a smaller batch or shorter rows.")
    except Exception as error:
        fail(edge, processes, "trainer_failed", f"The trainer failed: {type(error).__name__}: {error}")
        raise
    finally:
        edge.stopped.set()
        processes.end()


def fail(edge: Edge, processes: Processes, code: str, message: str) -> int:
    try:
        edge.report(error={"code": code, "message": message[:4000]})
    except (Stopped, Refused):
        pass
    return 1
