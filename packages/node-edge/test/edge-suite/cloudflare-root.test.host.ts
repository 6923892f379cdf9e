export { rootOf as cloudflareRoot } from './host.test.host.ts'
