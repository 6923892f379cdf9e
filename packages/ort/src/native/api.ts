import { koffi } from './koffi.ts'
import type { Library } from './library.ts'
import { statusChecker } from './status.ts'

export type Pointer = bigint
export type Out<T> = [T | null]

/** C types as they appear below, and what is passed for them. */
interface Passed {
  pointer: Pointer | ArrayBufferView | null
  text: string
  /** A path: UTF-16 on Windows, UTF-8 elsewhere. */
  path: string
  texts: readonly string[]
  int: number
  int64: number | bigint
  size: number
  bool: boolean
  outPointer: Out<Pointer>
  outInt: Out<number>
  outSize: Out<number>
}
type CType = keyof Passed

const native = (type: CType) =>
  ({
    pointer: 'void *',
    text: 'str',
    path: process.platform === 'win32' ? 'str16' : 'str',
    texts: 'str *',
    int: 'int',
    int64: 'int64_t',
    size: 'size_t',
    bool: 'bool',
    outPointer: koffi.out(koffi.pointer('void *')),
    outInt: koffi.out(koffi.pointer('int')),
    outSize: koffi.out(koffi.pointer('size_t')),
  })[type]

/** Functions that answer with an OrtStatus: name, index in the table, parameters. Only those that are used. */
const checked = {
  CreateEnv: [3, 'int', 'text', 'outPointer'],
  DisableTelemetryEvents: [6, 'pointer'],
  CreateSessionOptions: [10, 'outPointer'],
  EnableProfiling: [14, 'pointer', 'path'],
  EnableMemPattern: [16, 'pointer'],
  DisableMemPattern: [17, 'pointer'],
  EnableCpuMemArena: [18, 'pointer'],
  DisableCpuMemArena: [19, 'pointer'],
  SetSessionLogSeverityLevel: [22, 'pointer', 'int'],
  SetSessionGraphOptimizationLevel: [23, 'pointer', 'int'],
  SetIntraOpNumThreads: [24, 'pointer', 'int'],
  SetInterOpNumThreads: [25, 'pointer', 'int'],
  SessionGetInputCount: [30, 'pointer', 'outSize'],
  SessionGetOutputCount: [31, 'pointer', 'outSize'],
  SessionGetInputTypeInfo: [33, 'pointer', 'size', 'outPointer'],
  SessionGetOutputTypeInfo: [34, 'pointer', 'size', 'outPointer'],
  SessionGetInputName: [36, 'pointer', 'size', 'pointer', 'outPointer'],
  SessionGetOutputName: [37, 'pointer', 'size', 'pointer', 'outPointer'],
  CreateRunOptions: [39, 'outPointer'],
  CreateTensorAsOrtValue: [48, 'pointer', 'pointer', 'size', 'int', 'outPointer'],
  CreateTensorWithDataAsOrtValue: [49, 'pointer', 'pointer', 'size', 'pointer', 'size', 'int', 'outPointer'],
  GetTensorMutableData: [51, 'pointer', 'outPointer'],
  CastTypeInfoToTensorInfo: [55, 'pointer', 'outPointer'],
  GetTensorElementType: [60, 'pointer', 'outInt'],
  GetDimensionsCount: [61, 'pointer', 'outSize'],
  GetDimensions: [62, 'pointer', 'pointer', 'size'],
  GetSymbolicDimensions: [63, 'pointer', 'pointer', 'size'],
  CreateMemoryInfo: [68, 'text', 'int', 'int', 'int', 'outPointer'],
  CreateCpuMemoryInfo: [69, 'int', 'int', 'outPointer'],
  AllocatorFree: [76, 'pointer', 'pointer'],
  GetAllocatorWithDefaultOptions: [78, 'outPointer'],
  SessionEndProfiling: [110, 'pointer', 'pointer', 'outPointer'],
  AddFreeDimensionOverrideByName: [124, 'pointer', 'text', 'int64'],
  GetAvailableProviders: [125, 'outPointer', 'outInt'],
  ReleaseAvailableProviders: [126, 'pointer', 'int'],
  AddSessionConfigEntry: [130, 'pointer', 'text', 'text'],
  CreateAllocator: [131, 'pointer', 'pointer', 'outPointer'],
  RunWithBinding: [133, 'pointer', 'pointer', 'pointer'],
  CreateIoBinding: [134, 'pointer', 'outPointer'],
  BindInput: [136, 'pointer', 'text', 'pointer'],
  BindOutput: [137, 'pointer', 'text', 'pointer'],
  AddInitializer: [150, 'pointer', 'text', 'pointer'],
  AddRunConfigEntry: [165, 'pointer', 'text', 'text'],
  CreatePrepackedWeightsContainer: [166, 'outPointer'],
  CreateSessionWithPrepackedWeightsContainer: [168, 'pointer', 'path', 'pointer', 'pointer', 'outPointer'],
  CreateSessionFromArrayWithPrepackedWeightsContainer: [169, 'pointer', 'pointer', 'size', 'pointer', 'pointer', 'outPointer'],
  CreateSession: [7, 'pointer', 'path', 'pointer', 'outPointer'],
  CreateSessionFromArray: [8, 'pointer', 'pointer', 'size', 'pointer', 'outPointer'],
  CreateAndRegisterAllocator: [144, 'pointer', 'pointer', 'pointer'],
  SynchronizeBoundInputs: [202, 'pointer'],
  SynchronizeBoundOutputs: [203, 'pointer'],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, 'pointer', 'pointer'],
  CreateCUDAProviderOptions: [205, 'outPointer'],
  UpdateCUDAProviderOptions: [206, 'pointer', 'texts', 'texts', 'size'],
  AddExternalInitializers: [210, 'pointer', 'texts', 'pointer', 'size'],
  SessionOptionsAppendExecutionProvider: [216, 'pointer', 'text', 'texts', 'texts', 'size'],
  SetDeterministicCompute: [273, 'pointer', 'bool'],
  RegisterExecutionProviderLibrary: [301, 'pointer', 'text', 'path'],
  CopyTensors: [386, 'pointer', 'pointer', 'pointer', 'pointer', 'size'],
} as const satisfies Record<string, readonly [number, ...CType[]]>

/** Functions that answer with nothing: they free what they are given. */
const releases = {
  ReleaseEnv: 92,
  ReleaseMemoryInfo: 94,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseRunOptions: 97,
  ReleaseTypeInfo: 98,
  ReleaseSessionOptions: 100,
  ReleaseAllocator: 132,
  ReleaseIoBinding: 135,
  ReleasePrepackedWeightsContainer: 167,
  ReleaseCUDAProviderOptions: 208,
} as const

type Parameters<S extends readonly unknown[]> = S extends readonly [number, ...infer A extends CType[]] ? { [K in keyof A]: Passed[A[K] & CType] } : never
export interface Call<A extends readonly unknown[]> {
  /** @throws OrtError */
  (...values: A): void
  /** On another thread. What is passed must stay alive and in place until the promise settles. */
  async(...values: A): Promise<void>
}
export type Api = { readonly [K in keyof typeof checked]: Call<Parameters<(typeof checked)[K]>> } & {
  readonly [K in keyof typeof releases]: (pointer: Pointer) => void
}

type Native = { (...values: unknown[]): Pointer | null; async(...values: unknown[]): void }

const apis = new Map<string, Api>()

/** The table as typed functions. Statuses are checked, so a failure is an exception with ONNX Runtime's message. */
export function openApi({ path, table }: Library): Api {
  const known = apis.get(path)
  if (known) return known
  const at = (index: number) => koffi.decode(table, index * koffi.sizeof('void *'), 'void *') as Pointer
  const check = statusChecker(at)
  const calls: Record<string, unknown> = {}
  for (const [name, [index, ...parameters]] of Object.entries(checked)) {
    const call = koffi.decode(at(index), koffi.proto('void *', parameters.map(native) as string[])) as Native
    calls[name] = Object.assign((...values: unknown[]) => check(call(...values)), {
      async: (...values: unknown[]) =>
        new Promise<void>((resolve, reject) => {
          call.async(...values, (error: unknown, status: Pointer | null) => {
            try {
              if (error) throw error
              check(status)
              resolve()
            } catch (failure) {
              reject(failure)
            }
          })
        }),
    })
  }
  for (const [name, index] of Object.entries(releases)) calls[name] = koffi.decode(at(index), koffi.proto('void', ['void *']))
  const api = calls as unknown as Api
  apis.set(path, api)
  return api
}
