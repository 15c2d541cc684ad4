/** Injection token of the frozen configuration (`Config` of @app/config is an interface). */
export const CONFIG = Symbol('CONFIG');
