"""FastHttpUser with a fixed throughput, `rest` and answers read as a stream. Knows nothing of Earlid."""

from locust import FastHttpUser, constant_throughput, tag, task

QUERY = (
    '<?xml version="1.0"?><C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
    "<prop><getetag/><C:address-data/></prop></C:addressbook-query>"
)


class Hurried(FastHttpUser):
    wait_time = constant_throughput(10)

    @tag("datasette")
    @task
    def rows(self) -> None:
        with self.rest("GET", "/work/clips.json?_shape=objects", name="/work/clips.json") as answer:
            if not answer.js["rows"]:
                answer.failure("no rows")

    @tag("datasette")
    @task
    def asked(self) -> None:
        self.client.get("/work.json?sql=select+*+from+clips+order+by+id+desc&_shape=array", name="/work.json?sql=")
        self.client.get("/work/clips?_sort_desc=id&_size=3")

    @tag("datasette")
    @task
    def streamed(self) -> None:
        answer = self.client.get("/work/clips.csv?_stream=on", name="clips as CSV", stream=True)
        answer.stream.read()

    @tag("radicale")
    @task
    def report(self) -> None:
        self.client.request("REPORT", "/qa/contacts/", name="REPORT contacts", headers={"Depth": "1"}, data=QUERY)

    @tag("radicale")
    @task
    def card(self) -> None:
        answer = self.client.get("/qa/contacts/card-1.vcf")
        tag = answer.headers["ETag"]
        self.client.get("/qa/contacts/card-1.vcf", headers={"If-None-Match": tag}, name="card, asked again")
