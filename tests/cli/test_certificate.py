# SPDX-License-Identifier: Apache-2.0
"""The installation's own certificate, and the operator's."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from regulars.cli.certificate import given_certificate, own_certificate
from regulars.upkeep.health import CertificateUnusable, validity_of

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_the_authority_stays_while_its_certificate_is_renewed(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, (), AT)
    assert made.ca_file is not None
    authority, first = made.ca_file.read_bytes(), made.certificate_file.read_bytes()
    assert own_certificate(tmp_path, (), AT + timedelta(days=300)).certificate_file.read_bytes() == first
    renewed = own_certificate(tmp_path, (), AT + timedelta(days=370))
    assert renewed.certificate_file.read_bytes() != first
    assert made.ca_file.read_bytes() == authority
    assert validity_of(renewed.certificate_file).ends_at > AT + timedelta(days=700)


def test_a_new_name_gets_a_new_certificate(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, (), AT).certificate_file.read_bytes()
    second = own_certificate(tmp_path, ("shop.example", "192.0.2.7"), AT).certificate_file.read_bytes()
    assert first != second
    assert own_certificate(tmp_path, (), AT).certificate_file.read_bytes() == second  # it has the fewer names as well


def test_keys_are_private_and_fit(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, (), AT)
    assert made.key_file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate_file, made.key_file)


def test_an_older_form_of_key_is_brought_into_the_form_the_server_reads(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, (), AT)
    key = serialization.load_pem_private_key(made.key_file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    older = tmp_path / "older.key"
    older.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    given = given_certificate(made.certificate_file, older, tmp_path / "data")
    assert given.key_file.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert given.ca_file is None


def test_files_that_do_not_belong_together_are_named(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "one", (), AT)
    other = own_certificate(tmp_path / "two", (), AT)
    for certificate, key in ((made.certificate_file, other.key_file), (tmp_path / "none.pem", made.key_file)):
        with pytest.raises(CertificateUnusable, match="--tls-cert"):
            given_certificate(certificate, key, tmp_path)
