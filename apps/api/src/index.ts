export { serveApi } from './serve-api.js';
