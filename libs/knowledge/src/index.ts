export { DocumentReader } from './reading/document-reader.js';
export { UnsupportedDocumentType } from './reading/document-kind.js';
export { FetchPage } from './ingest/fetch-page.js';
export { BackgroundDispatch, type DispatchLimits } from './ingest/background-dispatch.js';
export { EmbedDocument, type EmbedRun, type EmbedStores } from './ingest/embed-document.js';
export {
  IngestDocument,
  type IngestParts,
  type LinkedDocument,
  type UploadedDocument,
} from './ingest/ingest-document.js';
export { EmbeddedPassageFinder } from './embedded-passage-finder.js';
export { forgetSearches } from './forget-searches.js';
