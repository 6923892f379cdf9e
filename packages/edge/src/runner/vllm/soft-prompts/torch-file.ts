import { bytesOf, type FloatTensor } from '@weft/adapters'
import { type Zippable, zipSync } from 'fflate'
import { Pickle } from './pickle.ts'

/** PyTorch's reader knows files of versions 1 to 10; `torch.save` writes this one. */
const fileVersion = '3\n'
/** The same tensor gives the same file: a zip has room for a clock, and this is where clocks begin there. */
const mtime = new Date(1980, 0, 1)

/**
 * A float32 tensor as the file that `torch.save` writes and `torch.load(weights_only=True)` reads: a zip without compression that holds a pickle
 * of what the tensor is, and its numbers. Source: torch/serialization.py, `_save` and `_load`.
 * @param tensor any shape, row-major
 */
export function torchFile({ shape, data }: FloatTensor): Uint8Array<ArrayBuffer> {
  const stored = (bytes: Uint8Array): Zippable[string] => [bytes, { level: 0, mtime }]
  const text = (of: string): Zippable[string] => stored(new TextEncoder().encode(of))
  return zipSync({
    'archive/data.pkl': stored(tensorPickle(shape, data.length)),
    'archive/byteorder': text('little'),
    'archive/data/0': stored(bytesOf({ shape, data })),
    'archive/version': text(fileVersion),
  }) as Uint8Array<ArrayBuffer>
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)` over one storage of `count` floats. */
const tensorPickle = (shape: readonly number[], count: number): Uint8Array =>
  new Pickle()
    .global('torch._utils', '_rebuild_tensor_v2')
    .mark()
    .mark()
    .text('storage')
    .global('torch', 'FloatStorage')
    .text('0')
    .text('cpu')
    .whole(count)
    .tuple()
    .persistentId()
    .whole(0)
    .wholes(shape)
    .wholes(stridesOf(shape))
    .no()
    .global('collections', 'OrderedDict')
    .mark()
    .tuple()
    .reduce()
    .tuple()
    .reduce()
    .end()

/** Numbers from one element to the next along each axis, row-major. */
const stridesOf = (shape: readonly number[]): number[] => shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
