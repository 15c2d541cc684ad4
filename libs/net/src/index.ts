export { AddressGuard, RefusedAddress, zoneOf, type AddressZone, type Resolve } from './address-guard.js';
export { guardedGet, RefusedRedirect, type GuardedGetOptions } from './guarded-get.js';
