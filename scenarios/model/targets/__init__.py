"""The data of a target file: what is under test and how it is met.

In: target.yaml. Out: frozen, checked values: a broker and a wire, where kept clips and a review app are, what may be
done."""
