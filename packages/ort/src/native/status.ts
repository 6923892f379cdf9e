import { nativeFailure } from '../errors.ts'
import { koffi } from './koffi.ts'

/** Turns an `OrtStatus*` into nothing (null: all is well) or an OrtError with ONNX Runtime's code and message, and frees it. */
export function statusChecker(at: (index: number) => bigint): (status: bigint | null) => void {
  const getErrorCode = koffi.decode(at(1), koffi.proto('int', ['void *'])) as (status: bigint) => number
  const getErrorMessage = koffi.decode(at(2), koffi.proto('str', ['void *'])) as (status: bigint) => string
  const releaseStatus = koffi.decode(at(93), koffi.proto('void', ['void *'])) as (status: bigint) => void
  return (status) => {
    if (status === null) return
    const failure = nativeFailure(getErrorCode(status), getErrorMessage(status))
    releaseStatus(status)
    throw failure
  }
}
