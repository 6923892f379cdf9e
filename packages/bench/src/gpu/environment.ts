import { execFileSync } from 'node:child_process'
import type { Device, Runtime } from '@weft/ort'
import type { Report } from './report.ts'

const said = (command: string, args: readonly string[]): string | undefined => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}

/** What runs here, in words: the library, the card, and the Python packages of the peer. */
export function tellEnvironment(report: Report, runtime: Runtime, device: Device): void {
  const provider = runtime.availableDevices().find((each) => each.device === device)
  report.add('environment', 'ONNX Runtime', { version: runtime.version, device, provider: provider?.reason ?? 'unknown' })
  const card = said('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'])
  if (card) report.add('environment', 'card', { is: card.replaceAll('\n', '; ') })
  else report.skip('environment', 'card', 'nvidia-smi answers nothing')
  const python = said('python3', [
    '-c',
    'import torch, peft, transformers; print(torch.__version__, peft.__version__, transformers.__version__, torch.cuda.is_available())',
  ])
  if (python) report.add('environment', 'peer', { 'torch, peft, transformers, CUDA': python })
  else report.skip('environment', 'peer', 'python3 has no torch, peft and transformers together')
}

export const hasPeer = ({ lines }: Report): boolean =>
  lines.some(({ section, what, figures }) => section === 'environment' && what === 'peer' && !figures.skipped)

/** Memory that this process takes, in MB: of the card where there is one, else resident at its peak. */
export function memoryMegabytes(device: Device): string {
  if (device === 'cuda') {
    const used = said('nvidia-smi', ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'])
      ?.split('\n')
      .map((line) => line.split(',').map(Number))
      .filter(([pid]) => pid === process.pid)
      .reduce((sum, [, megabytes]) => sum + megabytes, 0)
    // Inside a container the driver counts processes by other numbers: then what the whole card holds.
    if (used) return `${used} on the card`
    return `${said('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits']) ?? 'unknown'} on the card, all processes`
  }
  return `${Math.round(process.resourceUsage().maxRSS / 1024)} resident`
}
