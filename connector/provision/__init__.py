"""What `tieout provision` needs of the sites: looked at, made, changed and taken away.

Each module speaks `mappings.provision`'s words to the engine and Atlassian's to the wire. Nothing here decides, and no
write is sent twice.
"""

from .data_center import DcProvisioner
from .provisioner import CloudProvisioner

__all__ = ["CloudProvisioner", "DcProvisioner"]
