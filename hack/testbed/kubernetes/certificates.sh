#!/usr/bin/env bash
# certificates.sh FOLDER: a certificate authority, the API server's certificate for loopback, an administrator's client
# certificate and the key that signs service account tokens. Made anew for every bed, so that none trusts another.
set -euo pipefail
mkdir -p "$1"
cd "$1"
umask 077
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
leaf() { # name, subject, extension
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile <(echo "$3") -out "$1.crt" 2>/dev/null
}
key ca
openssl req -x509 -new -key ca.key -subj /CN=testbed-ca -days 3650 -out ca.crt
openssl genrsa -out service-account.key 2048 2>/dev/null
openssl rsa -in service-account.key -pubout -out service-account.pub 2>/dev/null
leaf apiserver /CN=kube-apiserver "subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1"
leaf admin /O=system:masters/CN=admin "extendedKeyUsage=clientAuth"
