import { floatTensor } from '@weft/adapters'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { torchFile } from './torch-file.ts'

const tensor = floatTensor([2, 3], Float32Array.of(-0.7, 0, 1 / 3, 1e-7, 2, -1e9))
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** What `torch.load(weights_only=True)` of PyTorch 2.13 has read back as the tensor above, bit for bit: `python test/golden/torch_file.py`. */
const loaded =
  '800263746f7263682e5f7574696c730a5f72656275696c645f74656e736f725f76320a2828580700000073746f7261676563746f7263680a466c6f617453746f726167650a58010000003058030000006370754a0600000074514a00000000284a020000004a0300000074284a030000004a01000000748963636f6c6c656374696f6e730a4f726465726564446963740a28745274522e'

test('the pickle is what PyTorch reads, and the numbers lie as they are', () => {
  const files = unzipSync(torchFile(tensor))
  expect(Object.keys(files)).toEqual(['archive/data.pkl', 'archive/byteorder', 'archive/data/0', 'archive/version'])
  expect(hex(files['archive/data.pkl'])).toBe(loaded)
  expect(new Float32Array(files['archive/data/0'].slice().buffer)).toEqual(tensor.data)
  expect([files['archive/version'], files['archive/byteorder']].map((bytes) => new TextDecoder().decode(bytes))).toEqual(['3\n', 'little'])
})

test('the same tensor gives the same bytes', () => expect(hex(torchFile(tensor))).toBe(hex(torchFile(tensor))))
