import { koffi } from './koffi.ts'

const OFF = 'ORT_DISABLE_TELEMETRY'

/**
 * ONNX Runtime's builds for Linux and macOS tell Microsoft of every process and session, keep an identifier of the machine in the user's cache, and leave a log of
 * every process in the temporary folder. They ask for this variable once, before the first environment is made. On Windows it is `DisableTelemetryEvents` that counts.
 */
export function switchTelemetryOff(): void {
  process.env[OFF] = '1'
  if (process.platform === 'win32') return
  // The environment that C reads: in a worker thread, `process.env` is a copy of it.
  koffi.load(null).func('setenv', 'int', ['str', 'str', 'int'])(OFF, '1', 1)
}
