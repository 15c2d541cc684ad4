export { WEBHOOK_PATH } from '@app/github';

export const API_PREFIX = 'api/v1';
export const DOCUMENT_UPLOAD_PATH = `/${API_PREFIX}/knowledge/documents`;
export const LOG_UPLOAD_PATH = `/${API_PREFIX}/incidents`;
