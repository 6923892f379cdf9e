import { dirname, join } from 'node:path'
import { koffi, type LibraryHandle } from '../native/koffi.ts'

let loader: LibraryHandle | undefined

/**
 * The webgpu provider asks for `libvulkan.so.1` by that name. A software driver that comes with its own loader beside it
 * (Chromium's SwiftShader) need not be installed system-wide: a library of that name that is loaded already is the one it gets.
 */
export function loadVulkan(drivers = process.env.VK_ICD_FILENAMES) {
  if (process.platform !== 'linux' || loader) return
  const folders = (drivers ?? '')
    .split(':')
    .filter(Boolean)
    .map((file) => dirname(file))
  for (const path of ['libvulkan.so.1', ...folders.map((folder) => join(folder, 'libvulkan.so.1'))]) {
    try {
      loader = koffi.load(path, { global: true })
      return
    } catch {
      // The next one; with none, the provider itself says what it lacks.
    }
  }
}
