/** Everything this package throws. `code` is stable; ONNX Runtime's own failures are `ort_<its code's name>` and carry its message. */
export class OrtError extends Error {
  override readonly name = 'OrtError'
  readonly code: string
  /** A request that reaches the runtime has passed every check of ours. */
  readonly fault = 'ours'

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The order of ONNX Runtime's `OrtErrorCode`. */
const nativeCodes = [
  'ok',
  'fail',
  'invalid_argument',
  'no_such_file',
  'no_model',
  'engine_error',
  'runtime_exception',
  'invalid_protobuf',
  'model_loaded',
  'not_implemented',
  'invalid_graph',
  'ep_fail',
  'model_load_canceled',
  'model_requires_compilation',
  'not_found',
]

const dims = (shape: readonly (number | string)[]) => `[${shape.join(', ')}]`
const list = (names: readonly string[]) => (names.length ? names.join(', ') : 'none')

/** How providers say that the device is gone: CUDA's errors that no later call in the process recovers from, and WebGPU's lost device. */
const lost =
  /cudaError(DeviceUninitialized|ECCUncorrectable|IllegalAddress|LaunchFailure|NoDevice|SystemDriver|Unknown)|CUDA (failure|error) (46|100|101|214|700|719|999)\b|CUBLAS_STATUS_NOT_INITIALIZED|device (is|was) lost|GPU has fallen off the bus/i

export const nativeFailure = (code: number, message: string) => (lost.test(message) ? deviceLost(message) : failureOf(code, message))

export const deviceLost = (message: string) =>
  new OrtError(
    'device_lost',
    `the device is gone in the middle of a run, and nothing more can be computed on it in this process: restart the runner; jobs go on from their last checkpoint. ONNX Runtime: ${message}`,
  )

const failureOf = (code: number, message: string) => new OrtError(`ort_${nativeCodes[code] ?? `error_${code}`}`, `ONNX Runtime: ${message}`)

export const libraryNotFound = (tried: readonly string[]) =>
  new OrtError(
    'library_not_found',
    `ONNX Runtime's library was not found; looked for ${list(tried)}. Install onnxruntime-node for this platform, or name a build with WEFT_ORT_LIBRARY or openRuntime({ library }).`,
  )

export const libraryUnusable = (path: string, cause: unknown) =>
  new OrtError(
    'library_unusable',
    `${path} could not be loaded as ONNX Runtime: ${cause instanceof Error ? cause.message : String(cause)}. Check that it is built for ${process.platform}/${process.arch} and that what it links to is installed.`,
    { cause },
  )

export const libraryTooOld = (path: string, version: string, needed: number) =>
  new OrtError(
    'library_too_old',
    `${path} is ONNX Runtime ${version}; 1.${needed} or newer is needed. Name a newer build with WEFT_ORT_LIBRARY or openRuntime({ library }).`,
  )

export const deviceUnavailable = (device: string, reason: string) => new OrtError('device_unavailable', `${device} asked for, but ${reason}`)

export const unknownDevice = (device: string, known: readonly string[]) =>
  new OrtError('unknown_device', `there is no device "${device}"; known: ${list(known)}`)

export const unknownDtype = (dtype: string, known: readonly string[]) =>
  new OrtError('unknown_dtype', `there is no tensor type "${dtype}"; known: ${list(known)}`)

export const float16Unsupported = () =>
  new OrtError('float16_unsupported', `Node ${process.versions.node} has no Float16Array, which float16 needs; use Node 24 or newer, or float32`)

export const badShape = (shape: readonly unknown[]) =>
  new OrtError('bad_shape', `[${shape.map(String).join(', ')}] is not a shape: every size must be a non-negative integer`)

export const dataMismatch = (dtype: string, shape: readonly number[], expected: string, got: string) =>
  new OrtError('data_mismatch', `a ${dtype} tensor of shape ${dims(shape)} needs ${expected}, got ${got}`)

export const viewOutOfRange = (offset: number, shape: readonly number[], size: number) =>
  new OrtError('view_out_of_range', `a view of shape ${dims(shape)} at element ${offset} does not fit into ${size} elements`)

export const notOnCpu = (what: string, device: string) =>
  new OrtError('not_on_cpu', `${what} needs a tensor in CPU memory; this one lives on ${device}. Use read() and write(), which copy.`)

export const unknownName = (kind: 'input' | 'output' | 'name', name: string, known: readonly string[]) =>
  new OrtError('unknown_name', `the model has no ${kind === 'name' ? 'input or output' : kind} "${name}"; it has ${list(known)}`)

export const wrongDtype = (name: string, expected: string, got: string) =>
  new OrtError('wrong_dtype', `"${name}" is ${expected}, but the tensor given is ${got}`)

export const wrongShape = (name: string, expected: readonly (number | string)[], got: readonly number[]) =>
  new OrtError('wrong_shape', `"${name}" has shape ${dims(expected)}, but the tensor given has ${dims(got)}`)

export const unboundInputs = (names: readonly string[]) =>
  new OrtError(
    'unbound_inputs',
    `nothing is bound to ${names.length === 1 ? 'input' : 'inputs'} ${list(names)}; bind or set a tensor for each input before running`,
  )

export const noOutputs = (known: readonly string[]) => new OrtError('no_outputs', `no output is bound; bind at least one of ${list(known)}`)

export const bindingBusy = (action: string) =>
  new OrtError('binding_busy', `cannot ${action} while this binding runs: await the run first, or make another binding of the same session`)

export const memoryTaken = (name: string) =>
  new OrtError('memory_taken', `the memory of the tensor bound to "${name}" was transferred away from it; tensors' buffers must stay where they are`)

export const disposed = (kind: string) => new OrtError('disposed', `this ${kind} was disposed of and cannot be used any more`)

export const profileOff = () => new OrtError('profile_off', 'this session was made without { profile: true }, or its profile was read before')

export const missingWeights = (names: readonly string[]) =>
  new OrtError(
    'missing_weights',
    `the model expects ${names.length === 1 ? 'a weight' : `${names.length} weights`} from the session that the store does not hold: ${list(names.slice(0, 8))}${names.length > 8 ? ', …' : ''}. Set them with weights.set(name, tensor).`,
  )

export const deviceBusy = (device: string, what: string) =>
  new OrtError(
    'device_busy',
    `cannot ${what} while ${device} works on something else: it takes one thread at a time. Await what runs, session.idle(), or use the asynchronous form.`,
  )
