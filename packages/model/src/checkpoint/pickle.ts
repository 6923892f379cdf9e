/** Whether a file's name is one that `torch.save` and old `save_pretrained` give to weights. */
export const isPickle = (name: string): boolean => /^pytorch_model.*\.(bin|pt|pth)$/.test(name)

/** Whether a file begins as a zip or a pickle does: what `torch.save` writes, whatever it is called. `start` are its first 8 bytes. */
export const startsAsPickle = (start: Uint8Array): boolean =>
  (start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4) ||
  // As a safetensors header's length this would be an absurd one.
  (start[0] === 0x80 && start[1] <= 5 && start[7] !== 0)
