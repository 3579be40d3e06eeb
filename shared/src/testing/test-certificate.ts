/**
 * A certificate for `localhost` that signed itself, with its key; for tests only, valid for a hundred years. Made by:
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=localhost
 *   -addext subjectAltName=DNS:localhost
 */
export const LOCALHOST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUMzDvuA8NIzggWr9398/SE87aRnYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE4MzgxN1oYDzIxMjYxMDMx
MTgzODE3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATD+ur775v0eF3itECuzoy1O10TcPyeUR2F64fr937CujM7tSiAEacY
Q698hIc+EkE3mdM2jAnD8KDZnReaVTdgo2kwZzAdBgNVHQ4EFgQUcpZbbuNNUPsj
j7Yr+T8IwPsLGl4wHwYDVR0jBBgwFoAUcpZbbuNNUPsjj7Yr+T8IwPsLGl4wDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhALF1aCJij2kLwEpFk0h75Rnpf/fj8KqBjafKNwcVybtfAiEAmtx+5v/w
tzMVoZHuPOohnguynmoF3BkinRVpEbMtp3I=
-----END CERTIFICATE-----
`;

export const LOCALHOST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8un9fNkQEG2jngDe
wZ+pntwquMsIq0zJZy0FXPXFVj6hRANCAATD+ur775v0eF3itECuzoy1O10TcPye
UR2F64fr937CujM7tSiAEacYQ698hIc+EkE3mdM2jAnD8KDZnReaVTdg
-----END PRIVATE KEY-----
`;
