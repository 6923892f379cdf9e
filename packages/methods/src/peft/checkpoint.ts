import { type FloatTensor, floatTensor, type ModelSpec, readSafetensors, toFloat32 } from '@weft/adapters'
import { peftPickle, peftUnsupported } from '../errors.ts'
import { withBasePrefix } from './bare-names.ts'

/** The tensors of `adapter_model.safetensors`, under the names that PEFT 0.21 saves them by. */
interface PeftCheckpoint {
  tensors: Readonly<Record<string, FloatTensor>>
  /** Whether layers are named as in a base model without a head. */
  bare: boolean
  /** Names that have been read so far, and those that have not. */
  read(): string[]
  unread(): string[]
}

/** Error 422 `peft_pickle` for a pickle under another name, `file_*`, `tensor_dtype`. */
export function readCheckpoint(bytes: Uint8Array, model: ModelSpec): PeftCheckpoint {
  // torch.save writes a zip file, in its older form a bare pickle. A safetensors file has the opening brace of its header at byte 8.
  if (bytes[8] !== 0x7b && ((bytes[0] === 0x50 && bytes[1] === 0x4b) || (bytes[0] === 0x80 && bytes[1] < 6))) throw peftPickle('adapter_model.safetensors')
  const tensors: Record<string, FloatTensor> = {}
  let bare = false
  for (const [stored, value] of Object.entries(readSafetensors(bytes).tensors)) {
    // A whole module's frozen original, which older files save beside the trained one.
    if (stored.includes('.original_module.')) continue
    // The trained one's bias once more, of no adapter, which `bias: "all"` puts there and PEFT does not read.
    if (stored.endsWith('.modules_to_save.bias')) continue
    const saved = savedName(stored)
    const name = inFull(saved, model)
    bare ||= name !== saved
    // Two adapters in one file: which of them was meant, nobody can say.
    if (Object.hasOwn(tensors, name)) throw peftUnsupported(`"${stored}" is "${name}" a second time, as of another adapter; save each by itself`)
    tensors[name] = floatTensor(value.shape, toFloat32(value, stored))
  }
  const read = new Set<string>()
  return {
    bare,
    tensors: new Proxy(tensors, {
      get(target, name: string) {
        read.add(name)
        return target[name]
      },
    }),
    read: () => Object.keys(tensors).filter((name) => read.has(name)),
    unread: () => Object.keys(tensors).filter((name) => !read.has(name)),
  }
}

const tuned = /\.(lora_[AB])\.[^.]+\.weight$/
const vector = /\.(ia3_l|lora_magnitude_vector)\.[^.]+(\.weight)?$/

/** A tensor's name without the adapter's name, which training and older files insert. */
const savedName = (stored: string): string =>
  stored
    .replace(/\.modules_to_save\.[^.]+\./, '.')
    .replace(tuned, '.$1.weight')
    .replace(vector, '.$1')

/** The same with the base model's own prefix, which its layers have where a head is around it. */
function inFull(name: string, model: ModelSpec): string {
  const layers = 'base_model.model.'
  return name.startsWith(layers) ? `${layers}${withBasePrefix(name.slice(layers.length), model)}` : name
}
