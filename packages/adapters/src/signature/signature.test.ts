import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { isKeyId, newSigningKey, parseSignature, printSignature, readSigningKey, verifySignature } from './signature.ts'

const digest = `sha256:${'0a'.repeat(32)}`

test('what a key signs is valid for that digest and key alone', async () => {
  const { keyId, pem } = await newSigningKey()
  const key = await readSigningKey(pem)
  expect(key.keyId).toBe(keyId)
  const signed = await key.sign(digest)
  expect(await verifySignature(signed, digest)).toBe(true)
  expect(await verifySignature(signed, digest.replace('0a', '0b'))).toBe(false)
  expect(await verifySignature({ ...signed, keyId: (await newSigningKey()).keyId }, digest)).toBe(false)
  const changed = fromBase64Url(signed.signature)!
  changed[7] ^= 1
  expect(await verifySignature({ ...signed, signature: toBase64Url(changed) }, digest)).toBe(false)
  expect(parseSignature(` ${printSignature(signed)}\n`)).toEqual(signed)
})

test("keys and signatures are those of Node's own Ed25519", async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = await readSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  expect(key.keyId).toBe(`ed25519:${publicKey.export({ format: 'jwk' }).x}`)
  const message = Buffer.from(`weft-adapter-signature-v1\n${digest}`)
  const { signature } = await key.sign(digest)
  expect(verify(null, message, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(await verifySignature({ keyId: key.keyId, signature: sign(null, message, privateKey).toString('base64url') }, digest)).toBe(true)
})

test('what is no signature and no key', async () => {
  const key = `ed25519:${'A'.repeat(43)}`
  for (const text of ['', 'x', key, `${key}:`, `${key}:${'A'.repeat(85)}`, `${key}:${'A'.repeat(86)}:x`, `rsa:${'A'.repeat(43)}:${'A'.repeat(86)}`])
    expect(() => parseSignature(text), text).toThrow(expect.objectContaining({ code: 'signature_malformed', status: 400 }))
  for (const text of ['ed25519:', `ed25519:${'A'.repeat(42)}`, `ed25519:${'A'.repeat(42)}B`, 'ed25519']) expect(isKeyId(text), text).toBe(false)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  for (const pem of ['', 'secret words', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', rsa])
    await expect(readSigningKey(pem)).rejects.toThrow(
      expect.objectContaining({ code: 'signing_key_malformed', message: expect.not.stringContaining('secret') }),
    )
})
