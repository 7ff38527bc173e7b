# SPDX-License-Identifier: Apache-2.0
"""TLS without asking anybody: a small certificate authority of the installation's own, and what it signs."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from regulars.cli.installation import write_private
from regulars.upkeep.health import CertificateUnusable, validity_of

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397
"""Browsers refuse longer ones."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files: the chain, its key (PKCS#8, as the server wants it), and what a client trusts (None: the system's store)."""

    certificate_file: Path
    key_file: Path
    ca_file: Path | None


def own_certificate(data: Path, names: tuple[str, ...], at: datetime) -> Certificate:
    """Return the installation's own certificate for ``names``; made, or renewed before its end, by its own authority."""
    folder = data / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Certificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    authority_key_file = folder / "ca.key"
    assert files.ca_file is not None
    if not (files.ca_file.exists() and authority_key_file.exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        _write_key(authority_key_file, key)
        write_private(files.ca_file, _pem(_make_authority(key, at)))
        files.certificate_file.unlink(missing_ok=True)
    wanted = tuple(dict.fromkeys((*LOOPBACK_NAMES, *names)))
    if not (files.certificate_file.exists() and files.key_file.exists() and _still_good(files.certificate_file, wanted, at)):
        authority = x509.load_pem_x509_certificate(files.ca_file.read_bytes())
        authority_key = serialization.load_pem_private_key(authority_key_file.read_bytes(), None)
        assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        _write_key(files.key_file, key)
        signed = _sign(key, authority, authority_key, wanted, at)
        write_private(files.certificate_file, _pem(signed) + _pem(authority))
    return files


def given_certificate(certificate_file: Path, key_file: Path, data: Path) -> Certificate:
    """Return a certificate of the operator's as the server wants it. Raises CertificateUnusable, naming the file and why."""
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate_file, key_file)
    except (OSError, ValueError, TypeError) as error:
        raise CertificateUnusable(
            f"--tls-cert {certificate_file} and --tls-key {key_file} can not be used: {error}", fields=("tls_cert", "tls_key")
        ) from error
    if b"BEGIN PRIVATE KEY" in key_file.read_bytes():
        return Certificate(certificate_file, key_file, None)
    folder = data / "tls"  # an older form of key file: the server reads PKCS#8 only
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_key(folder / "given.key", key)
    return Certificate(certificate_file, folder / "given.key", None)


def _still_good(certificate_file: Path, names: tuple[str, ...], at: datetime) -> bool:
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    has = {*alternatives.get_values_for_type(x509.DNSName), *map(str, alternatives.get_values_for_type(x509.IPAddress))}
    return set(names) <= has and validity_of(certificate_file).is_long_enough(at)


def _make_authority(key: ec.EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Regulars own authority {x509.random_serial_number() % 10**8:08d}")]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(name, name, key, at, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _sign(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    at: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    authority_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(subject, authority.subject, key, at, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority_identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    at = at.astimezone(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))  # a till's clock may be a little behind
        .not_valid_after(at + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _write_key(path: Path, key: PrivateKeyTypes) -> None:
    form = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_private(path, form.decode("ascii"))
