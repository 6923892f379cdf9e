import type { Graph } from '@weft/graph'
import { inPrecision, type ModelShape } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import type { Device, Runtime, Session, SessionOptions } from '@weft/ort'

/** Makes a session of a model's graph, in the model's precision. Every session of a model is made here. @throws OrtError as `runtime.load` */
export const loadGraph = async (runtime: Runtime, graph: Graph, model: ModelShape, options: SessionOptions = {}): Promise<Session> => {
  const defaults = precisionOptions(model, options.device)
  const config = { ...defaults.config, ...(readsBlocks(graph) && keepBlocks), ...options.config }
  // What lies on the device is bound, not copied into every session.
  const weights = options.weights?.onDevice ? 'inputs' : 'initializers'
  return runtime.load(encodeModel(inPrecision(graph, model), { weights }), {
    ...defaults,
    ...options,
    config,
    deviceOptions: { ...defaults.deviceOptions, ...options.deviceOptions },
  })
}

/** Whether sessions on the CPU lay a model's weights out anew, and read them as they came no more. */
export const rearrangesWeights = (model: ModelShape): boolean => precisionOptions(model).prepack !== false

/** What a device is told because of a precision. */
function precisionOptions({ precision }: ModelShape, device: Device = 'cpu'): SessionOptions {
  const compute = precision?.compute ?? 'float32'
  // ONNX Runtime has few float16 kernels on a CPU and puts casts around the rest; its later optimizations leave some without, and its norms
  // refuse to share what they prepack.
  if (device === 'cpu') return compute === 'float32' ? {} : { optimization: 'basic', prepack: false }
  return sessionsOn(device)
}

/** What every session of a device is told, whatever it computes. */
export const sessionsOn = (device: Device): SessionOptions =>
  device === 'cuda'
    ? {
        deviceOptions: {
          // TF32 keeps 10 bits of a product's operands: float32 is to be float32.
          use_tf32: '0',
          // Arenas grow by what is asked, not to the next power of two.
          arena_extend_strategy: 'kSameAsRequested',
          // Flash attention (1) and the memory-efficient one (2). cuDNN's, which comes first otherwise, plans anew for every length: half a second each time.
          sdpa_kernel: '3',
        },
        // Weights outlive every run: they do not belong in the arena of activations.
        config: { 'session.use_device_allocator_for_initializers': '1' },
      }
    : {}

const readsBlocks = ({ nodes }: Graph): boolean => nodes.some(({ op }) => op === 'GatherBlockQuantized')

/**
 * A weight in blocks that becomes numbers for a moment must not become numbers for good when the session is prepared: that would hold the model in
 * float32, once a session.
 */
const keepBlocks = { 'optimization.disable_specified_optimizers': 'ConstantFolding' }
