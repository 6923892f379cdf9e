import { existsSync } from 'node:fs'

/** Debian's chromium ships SwiftShader, a Vulkan that needs no GPU. */
const installed = '/usr/lib/chromium/vk_swiftshader_icd.json'
const drivers = process.env.VK_ICD_FILENAMES ?? installed

export const missingVulkan = drivers.split(':').some((file) => existsSync(file))
  ? undefined
  : `${drivers} is absent: install chromium (apt-get install chromium), or name a Vulkan driver in VK_ICD_FILENAMES`

/** For the environment of a process that uses the webgpu device; it is read when the provider first loads. */
export const vulkanEnv = { VK_ICD_FILENAMES: drivers }
