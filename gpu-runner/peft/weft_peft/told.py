"""What a run says of itself, as Weft's own trainer does: one report a half second at most, from the first process."""

import math
import time

from .errors import Stopped

REPORT_EVERY_S = 0.5


class Told:
    def __init__(self, edge, processes):
        self.edge, self.processes = edge, processes
        self.events: list[dict] = []
        self.progress: dict = {}
        self.sent = 0.0

    def leave_if_stopped(self) -> None:
        if self.processes.shared(self.edge.stopped.is_set()):
            raise Stopped()

    def data(self, plan, training, validation, work) -> None:
        held, cut = len(validation.rows), training.truncated + validation.truncated
        self.progress.update(step=0, total_steps=plan.total)
        unlearned = training.unlearned + validation.unlearned
        left = f"; {unlearned} left out, since all that is learned of them is cut off" if unlearned else ""
        left_out = training.left_out + validation.left_out
        left += f"; {left_out} left out, since they weigh 0, or nothing in them can be learned" if left_out else ""
        self.say(f"{len(training.rows)} rows to learn from, {held} held out; {cut} cut to {work['max_length']} tokens{left}; {plan.total} steps.")

    def step(self, step, total, loss, eval_loss, rate, norm, tokens, seconds) -> None:
        eta = seconds / step * (total - step)
        self.progress.update(step=step, total_steps=total, loss=loss, eta_s=round(eta, 1), trained_tokens=tokens)
        told = {"type": "step", "step": step, "total_steps": total, "loss": loss, "learning_rate": rate, "gradient_norm": norm, "tokens_per_s": tokens / seconds, "eta_s": eta}
        if eval_loss is not None and math.isfinite(eval_loss):
            told["eval_loss"] = eval_loss
        self.tell("metrics", f"step {step}/{total}: loss {loss:.4f}", told)

    def evaluation(self, step, total, loss, best) -> None:
        known = loss if math.isfinite(loss) else None  # JSON has no word for another.
        self.progress.update(eval_loss=known)
        told = {"type": "eval", "step": step, "total_steps": total, "eval_loss": known, "best": best}
        self.tell("metrics", f"step {step}/{total}: held-out loss {loss:.4f}{', the least so far' if best else ''}", told)

    def say(self, message: str, level: str = "info") -> None:
        self.tell("message", message, None, level)

    def tell(self, kind: str, message: str, data: dict | None, level: str = "info") -> None:
        if not self.processes.first:
            return
        self.events.append({"level": level, "type": kind, "message": message, **({"data": data} if data else {})})
        if time.monotonic() - self.sent >= REPORT_EVERY_S or len(self.events) >= 500:
            self.flush()

    def flush(self) -> None:
        events, self.events = self.events, []
        self.sent = time.monotonic()
        try:
            self.edge.report(events=events, **self.progress)
        except Stopped:
            # All processes leave together, at the next step.
            if self.processes.count == 1:
                raise
