"""An HTTP endpoint on the loopback that answers as SageMaker does, and whole clients judged through it."""
