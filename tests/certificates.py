"""Certificates for stand-ins that speak TLS, made by openssl; the key lies beside each."""

from __future__ import annotations

import subprocess
from pathlib import Path

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]


def certificate(folder: Path, name: str, *, of: str = "", by: str = "") -> Path:
    """`name`.pem in the folder, with `name`.key: for the host `of`, vouched for by the certificate `by` (or itself)."""
    host = ["-addext", f"subjectAltName=DNS:{of}"] if of else []
    maker = ["-CA", folder / f"{by}.pem", "-CAkey", folder / f"{by}.key"] if by else []
    made = folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", *CURVE, "-subj", f"/CN={of or name}", *host, *maker]
    subprocess.run([*command, "-keyout", made.with_suffix(".key"), "-out", made], check=True, capture_output=True)
    return made
