import Glibc

/// Certificates for a test, made by the system's openssl in a folder of their own.
struct TestCertificates {
    let folder: String

    /// - Returns: `nil` where there is no openssl.
    init?() {
        var template = Array("/tmp/sipnet-tls-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        self.folder = String(cString: made)
        let script = """
            set -e; cd \(self.folder)
            authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.pem \\
              -days 30 -subj "/O=Test/CN=$2"; }
            leaf() { # name, subject, alternative names, dates
              openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr -subj "/CN=$2"
              printf 'subjectAltName=%s\\n' "$3" > $1.ext
              openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $1.crt -extfile $1.ext -days 10
              cat $1.crt $1.key > $1.pem; }
            authority ca "Test Authority"; authority other "Other Authority"
            leaf server sip.example.org "DNS:sip.example.org,DNS:*.wild.example.org,IP:127.0.0.1,URI:sip:example.org"
            leaf client "client one" "DNS:client.example.org"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out self.crt -days 5 \\
              -subj "/CN=alone" -addext "subjectAltName=DNS:sip.example.org"; cat self.crt self.key > self.pem
            """
        let status = "exec >/dev/null 2>&1\n\(script)".withCString { text -> Int32 in
            var child = pid_t()
            let words = ["/bin/bash", "-c", String(cString: text)]
            var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
            defer { for argument in arguments { free(argument) } }
            arguments.append(nil)
            guard posix_spawn(&child, "/bin/bash", nil, nil, &arguments, environ) == 0 else { return -1 }
            var status: Int32 = 0
            waitpid(child, &status, 0)
            return status
        }
        guard status == 0 else { return nil }
    }

    func path(_ name: String) -> String { "\(self.folder)/\(name)" }

    func remove() {
        for name in ["ca", "other", "server", "client", "self"] {
            for end in ["key", "pem", "crt", "csr", "ext", "srl"] { unlink(self.path("\(name).\(end)")) }
        }
        unlink(self.path("keys.log"))
        rmdir(self.folder)
    }
}
