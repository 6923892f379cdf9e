import { existsSync, readdirSync } from 'node:fs'
import type { Device, DeviceReport } from '@weft/ort'
import { deviceUnavailable } from './errors.ts'

export type { Device }

export interface DeviceChoice {
  name: Device
  /** One sentence for people: which device was taken, and why. */
  reason: string
}

/** What the machine has, passed in so that every case can be tried on any machine. */
export interface DeviceProbe {
  /** What ONNX Runtime's library can drive: `runtime.availableDevices()`. */
  providers: readonly DeviceReport[]
  /** Cards that the NVIDIA driver shows. */
  cudaCards: readonly string[]
}

/**
 * `auto` takes CUDA where its provider and a card are there, and the CPU otherwise. WebGPU is taken only when asked for:
 * a software adapter passes for a GPU and is slower than the CPU provider.
 * @throws WeftError `device_unavailable` when a device that was asked for by name is not there
 */
export function chooseDevice(wanted: Device | 'auto', { providers, cudaCards }: DeviceProbe): DeviceChoice {
  const report = (device: Device) =>
    providers.find((provider) => provider.device === device) ?? { device, available: false, reason: 'this build of ONNX Runtime does not know it' }
  if (wanted === 'cpu') return { name: 'cpu', reason: 'asked for' }
  if (wanted === 'webgpu') {
    const { available, reason } = report('webgpu')
    if (!available) throw deviceUnavailable('webgpu', reason)
    return { name: 'webgpu', reason: `asked for; ${reason}` }
  }
  const cuda = report('cuda')
  const missing = !cuda.available ? cuda.reason : cudaCards.length === 0 ? 'the driver shows no NVIDIA card' : undefined
  if (missing === undefined)
    return { name: 'cuda', reason: `${wanted === 'cuda' ? 'asked for' : 'its provider and a card are there'}; ${cudaCards.join(', ')}` }
  if (wanted === 'cuda') throw deviceUnavailable('cuda', missing)
  // Without a card there is nothing to install: a file that is not there would worry whoever reads it.
  return { name: 'cpu', reason: cudaCards.length === 0 ? 'there is no NVIDIA card' : `no CUDA: ${missing}` }
}

/** NVIDIA cards by their device files; under WSL the paravirtual one. */
export function findCudaCards(): string[] {
  if (process.platform === 'win32') return existsSync('C:\\Windows\\System32\\nvcuda.dll') ? ['nvcuda.dll'] : []
  if (!existsSync('/dev')) return []
  const cards = readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name))
  return cards.length > 0 || !existsSync('/dev/dxg') ? cards.map((name) => `/dev/${name}`) : ['/dev/dxg']
}
