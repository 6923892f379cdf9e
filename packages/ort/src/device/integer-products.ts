import { readFileSync } from 'node:fs'

/** Instructions that multiply bytes and sum them without overflow, as Linux names them. x86 processors without any saturate halfway, and are slower than floats. */
const byteProducts = ['amx_int8', 'avx512_vnni', 'avx_vnni', 'asimddp', 'i8mm']

/** Whether products in 8-bit integers are exact and fast on this processor. Every Apple one has them; elsewhere only Linux tells. */
export const hasIntegerProducts = (): boolean =>
  process.arch === 'arm64' && process.platform === 'darwin' ? true : flags().some((flag) => byteProducts.includes(flag))

let read: readonly string[] | undefined
const flags = (): readonly string[] => {
  read ??= cpuInfo()
  return read
}

const cpuInfo = (): string[] => {
  try {
    const lines = readFileSync('/proc/cpuinfo', 'utf8').split('\n')
    return (
      lines
        .find((line) => /^(flags|Features)\s*:/.test(line))
        ?.split(':')[1]
        .trim()
        .split(/\s+/) ?? []
    )
  } catch {
    return []
  }
}
