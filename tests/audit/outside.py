"""A witness on loopback for tests: started and stopped at will; its folder outlives it."""

import threading

from audit.cosignature import CosignerKey
from audit.witness import Witness, _Handler, _Server
from tests.served import free_port


class Outside:
    """One witness, with its real server."""

    def __init__(self, folder, number, log):
        self.folder, self.log = folder, log
        folder.mkdir()
        self.key = CosignerKey.generate(f"w.example/{number}")
        self.port, self.server = free_port(), None
        self.start()

    def start(self):
        """Serve, on the same port as before."""
        self.server = _Server(("127.0.0.1", self.port), _Handler)
        self.server.witness = Witness(self.folder, self.key, [self.log])
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        """Be gone."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def size(self):
        """What it cosigned last."""
        last = self.server.witness.histories[self.log.name].last
        return last.size if last else 0

    def history(self):
        """Its lines."""
        return self.server.witness.histories[self.log.name].since(0)
